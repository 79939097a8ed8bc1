import { Shell } from './Shell';
import { SignIn } from './SignIn';
import { SignInAgain } from './SignInAgain';
import { useDesk } from './session';

/**
 * Everything at `admin.`: the sign-in, or the platform. There is no address of the sign-in: whoever
 * comes in is where they wanted to go.
 */
export function Desk() {
  const desk = useDesk();
  if (desk.state === 'nobody') return <SignIn ended={desk.ended} />;
  return (
    <>
      <Shell />
      <SignInAgain operator={desk.operator} />
    </>
  );
}
