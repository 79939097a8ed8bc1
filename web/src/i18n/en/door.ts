import csat from './csat.json';
import entry from './entry.json';
import opening from './opening.json';
import problems from './problems.json';
import signup from './signup.json';

export default { csat, entry, opening, problems, signup };
