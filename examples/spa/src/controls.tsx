import type { Credential } from './use-credential.ts'

interface ControlsProps {
  state: Credential['state']
  onFire: () => void
  onExpire: () => void
  onSignIn: () => void
  onSignOut: () => void
}

export function Controls({ state, onFire, onExpire, onSignIn, onSignOut }: ControlsProps) {
  const signedIn = state === 'signed_in'
  return (
    <section aria-label="Controls" className="controls">
      {signedIn && (
        <button key="fire" type="button" className="primary" onClick={onFire}>
          Fire 20 calls
        </button>
      )}
      {signedIn && (
        <button key="expire" type="button" onClick={onExpire}>
          Expire the token now
        </button>
      )}
      {/* One and the same button, so that the focus stays where it is. */}
      <button
        key="session"
        type="button"
        className={signedIn ? undefined : 'primary'}
        disabled={state === 'loading'}
        onClick={signedIn ? onSignOut : onSignIn}
      >
        {signedIn ? 'Sign out' : state === 'sign_in_again' ? 'Sign in again' : 'Sign in'}
      </button>
      <a key="open" className="button" href="/" target="_blank" rel="noopener">
        Open another tab
        <svg viewBox="0 0 12 12" aria-hidden="true">
          <path d="M3 1.5h7.5V9M10.5 1.5 2 10" />
        </svg>
      </a>
    </section>
  )
}
