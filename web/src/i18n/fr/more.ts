import account from './account.json';
import audit from './audit.json';
import leaving from './leaving.json';
import security from './security.json';

export default { account, audit, leaving, security };
