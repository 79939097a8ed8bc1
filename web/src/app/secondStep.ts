export { Enrolment } from '~/features/account/Enrolment';
export { Challenge } from '~/features/session/Challenge';
