import account from './account.json';
import arrange from './arrange.json';
import attachments from './attachments.json';
import audit from './audit.json';
import csat from './csat.json';
import desk from './desk.json';
import exports from './exports.json';
import files from './files.json';
import help from './help.json';
import imports from './imports.json';
import joining from './joining.json';
import keys from './keys.json';
import leaving from './leaving.json';
import merging from './merging.json';
import messages from './messages.json';
import moderation from './moderation.json';
import opening from './opening.json';
import orders from './orders.json';
import plan from './plan.json';
import portal from './portal.json';
import problems from './problems.json';
import reports from './reports.json';
import second from './second.json';
import security from './security.json';
import settings from './settings.json';

export default {
  account,
  arrange,
  attachments,
  audit,
  csat,
  desk,
  exports,
  files,
  help,
  imports,
  joining,
  keys,
  leaving,
  merging,
  messages,
  moderation,
  opening,
  orders,
  plan,
  portal,
  problems,
  reports,
  second,
  security,
  settings,
};
