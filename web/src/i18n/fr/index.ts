import app from './app.json';
import live from './live.json';
import messages from './messages.json';
import portal from './portal.json';
import session from './session.json';
import settings from './settings.json';
import signup from './signup.json';
import sla from './sla.json';
import tickets from './tickets.json';

export default { app, live, messages, portal, session, settings, signup, sla, tickets };
