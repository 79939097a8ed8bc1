import operator from './operator.json';

export default { operator };
