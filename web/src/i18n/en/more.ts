import account from './account.json';
import audit from './audit.json';
import exports from './exports.json';
import leaving from './leaving.json';
import plan from './plan.json';
import security from './security.json';

export default { account, audit, exports, leaving, plan, security };
