import { useState } from 'react'
import { tokens } from './auth.ts'
import { CallsBoard } from './calls-board.tsx'
import { Controls } from './controls.tsx'
import { expireNow, fireCalls } from './demo.ts'
import { type Board, emptyBoard, withEnd } from './ends.ts'
import { finishSignIn, signIn } from './sign-in.ts'
import { State } from './state.tsx'
import { thisTab } from './tab.ts'
import { TabStrip } from './tab-strip.tsx'
import { TimelineList } from './timeline-list.tsx'
import { useCounts } from './use-counts.ts'
import { useCredential } from './use-credential.ts'
import { useOpenTabs, useTimeline } from './use-timeline.ts'

// Not in a component: React may mount those twice, and a code is good once.
const troubleAtStart = await finishSignIn().then(() => '', explain)

export function App() {
  const credential = useCredential()
  const timeline = useTimeline()
  const tabs = useOpenTabs()
  const counts = useCounts()
  const [board, setBoard] = useState<Board>(emptyBoard)
  const [trouble, setTrouble] = useState(troubleAtStart)

  const attempt = (work: () => Promise<void>) => () => {
    setTrouble('')
    work().catch((error: unknown) => setTrouble(explain(error)))
  }
  const fire = attempt(async () => {
    setBoard(emptyBoard('waiting'))
    await fireCalls((client, index, end) => setBoard((before) => withEnd(before, client, index, end)))
  })

  return (
    <>
      <header>
        <p className="wordmark">
          <svg viewBox="0 0 32 32" aria-hidden="true">
            <path d="M3 17 29 5 19 28l-4-9z" />
          </svg>
          tokenflight
        </p>
        <p className="here">Tab {thisTab}</p>
      </header>
      <main>
        <div className="lead">
          <h1>
            <span>Any number of tabs.</span> <span>One refresh.</span>
          </h1>
          <p>
            Open a few tabs, expire the token, and let all of them call the API at once. One tab redeems the refresh
            token; the others get the result.
          </p>
        </div>
        <Controls
          state={credential.state}
          onFire={fire}
          onExpire={attempt(expireNow)}
          onSignIn={attempt(signIn)}
          onSignOut={attempt(() => tokens.clearTokens())}
        />
        <p role="alert" className="trouble">
          {credential.state === 'trouble' ? credential.message : trouble}
          {credential.state === 'sign_in_again' && 'The authorization server has ended this sign-in: sign in again.'}
        </p>
        <State credential={credential} counts={counts} />
        <div className="side">
          <TabStrip credential={credential} tabs={tabs} timeline={timeline} />
          <CallsBoard board={board} />
        </div>
        <TimelineList timeline={timeline} />
      </main>
      <footer>
        <p>Rotation with reuse detection by oidc-provider. Calls by axios and ky. Tabs agree through IndexedDB.</p>
      </footer>
    </>
  )
}

function explain(error: unknown): string {
  return error instanceof Error ? error.message : 'That did not work. Is the example still running?'
}
