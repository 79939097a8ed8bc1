import app from './app.json';
import joining from './joining.json';
import live from './live.json';
import messages from './messages.json';
import orders from './orders.json';
import portal from './portal.json';
import queue from './queue.json';
import session from './session.json';
import sla from './sla.json';
import tickets from './tickets.json';

export default {
  app,
  joining,
  live,
  messages,
  orders,
  portal,
  queue,
  session,
  sla,
  tickets,
};
