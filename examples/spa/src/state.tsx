import { useEffect, useState } from 'react'
import type { Counts } from '../server/counts.ts'
import { thisTab } from './tab.ts'
import { tabNamed } from './timeline.ts'
import type { Credential } from './use-credential.ts'

/** What the servers have counted, and what this tab knows. */
export function State({ credential, counts }: { credential: Credential; counts: Counts | undefined }) {
  const known = 'generation' in credential ? credential : undefined
  return (
    <section aria-labelledby="state-title" className="state">
      <h2 id="state-title" className="unseen">
        State
      </h2>
      <dl>
        <div className="tile count">
          <dt>Token requests</dt>
          <dd>
            <strong data-testid="token-requests">{counts?.tokenRequests ?? '–'}</strong>
            <span>
              for {format(counts?.answered)} answered calls,
              <br />
              {format(counts?.refused)} refused
            </span>
          </dd>
        </div>
        <div className="tile">
          <dt>Generation</dt>
          <dd>
            <strong data-testid="generation">{known?.generation ?? '–'}</strong>
            <span>{known ? 'of this sign-in’s tokens' : 'signed out'}</span>
          </dd>
        </div>
        <div className="tile">
          <dt>Expires in</dt>
          <dd>
            <Countdown obtainedAt={known?.obtainedAt} expiresAt={known?.expiresAt} />
          </dd>
        </div>
        <Claim holder={known?.holder} />
      </dl>
    </section>
  )
}

function Claim({ holder }: { holder: string | undefined }) {
  const tab = holder === undefined ? undefined : tabNamed(holder)
  const who = tab === undefined ? 'Another tab' : tab === thisTab ? 'This tab' : `Tab ${tab}`
  return (
    <div className={holder === undefined ? 'tile claim' : 'tile claim claimed'}>
      <dt>Claim</dt>
      <dd>
        <strong data-testid="claim">{holder === undefined ? 'Free' : who}</strong>
        <span>{holder === undefined ? 'nobody is refreshing' : 'is redeeming the refresh token'}</span>
      </dd>
    </div>
  )
}

function Countdown({ obtainedAt, expiresAt }: { obtainedAt: number | undefined; expiresAt: number | undefined }) {
  const now = useNow()
  if (obtainedAt === undefined || expiresAt === undefined) return <strong>–</strong>
  const left = Math.max(0, expiresAt - now)
  const seconds = Math.ceil(left / 1000)
  return (
    <>
      <strong role="timer">
        {Math.floor(seconds / 60)}:{String(seconds % 60).padStart(2, '0')}
      </strong>
      <meter aria-label="Lifetime that is left" min={0} max={1} value={left / (expiresAt - obtainedAt)} />
    </>
  )
}

function useNow(): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000)
    return () => clearInterval(timer)
  }, [])
  return now
}

const format = (count: number | undefined): string => (count === undefined ? '–' : count.toLocaleString('en'))
