import app from './app.json';
import live from './live.json';
import queue from './queue.json';
import session from './session.json';
import sla from './sla.json';
import tickets from './tickets.json';

export default { app, live, queue, session, sla, tickets };
