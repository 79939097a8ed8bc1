import csat from './csat.json';
import signup from './signup.json';

export default { csat, signup };
