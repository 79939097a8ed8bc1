import attachments from './attachments.json';
import csat from './csat.json';
import entry from './entry.json';
import joining from './joining.json';
import messages from './messages.json';
import opening from './opening.json';
import orders from './orders.json';
import portal from './portal.json';
import problems from './problems.json';
import signup from './signup.json';

export default {
  attachments,
  csat,
  entry,
  joining,
  messages,
  opening,
  orders,
  portal,
  problems,
  signup,
};
