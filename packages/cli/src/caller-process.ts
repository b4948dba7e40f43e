import type { TokenEvent } from '@tokenflight/core'
import type { Fetch } from '@tokenflight/fetch'
import type { Order, Report, Setup, What } from './demo/messages.ts'
import { usualWay } from './demo/usual-way.ts'
import { withTokenflight } from './demo/with-tokenflight.ts'

// One of the demo's processes: it is forked, told which way to go, and fires its callers when told to.

/** An API call that has no answer by then (ms) counts as failed. */
const patience = 15_000

const report = (message: Report): void => void process.send?.(message)
const mark = (what: What): void => report({ type: 'mark', at: performance.timeOrigin + performance.now(), what })

let call: (url: string) => Promise<Response>
let api: string

process.on('message', (order: Order) => {
  if (order.type === 'prepare') prepare(order)
  else setTimeout(() => void fire(order.callers), order.at - Date.now())
})
// The demo's end is this process's end, however it came; Ctrl-C reaches the demo, which then ends its processes.
process.on('disconnect', () => process.exit())
process.on('SIGINT', () => {})
report({ type: 'ready' })

function prepare(setup: Setup): void {
  api = setup.api
  call =
    setup.way === 'usual'
      ? usualWay({ ...setup, fetch: watched(setup.tokenEndpoint) })
      : withTokenflight({ ...setup, fetch: watched(), onEvent: (event) => markEvent(event) })
  report({ type: 'prepared' })
}

async function fire(callers: number): Promise<void> {
  mark('asked')
  await Promise.all(
    Array.from({ length: callers }, async () => {
      const ok = await succeeds()
      report({ type: 'answered', ok })
    }),
  )
  mark('finished')
  report({ type: 'done' })
}

async function succeeds(): Promise<boolean> {
  const timeout = new Promise<never>((_, reject) => setTimeout(reject, patience).unref())
  try {
    const response = await Promise.race([call(api), timeout])
    await response.text()
    return response.status === 200
  } catch {
    return false
  }
}

/** fetch, with a mark for every 401 and, where the token endpoint is given, for every token request. */
function watched(tokenEndpoint?: string): Fetch {
  return async (input, init) => {
    const refresh = input === tokenEndpoint
    if (refresh) mark('posted')
    const response = await fetch(input, init)
    if (refresh) mark(response.ok ? 'kept' : 'refused')
    else if (response.status === 401) mark('rejected')
    return response
  }
}

function markEvent(event: TokenEvent): void {
  if (event.type === 'refresh_started') mark('posted')
  else if (event.type === 'refreshed') mark('kept')
  else if (event.type === 'waiting') mark('waiting')
  else if (event.type === 'adopted') mark('adopted')
  else if (event.type === 'refresh_failed') mark('refused')
}
