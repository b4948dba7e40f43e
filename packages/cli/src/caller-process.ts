import type { TokenEvent } from '@tokenflight/core'
import type { Fetch } from '@tokenflight/fetch'
import { type Call, type ClientName, isClientName } from './demo/clients/client.ts'
import { loadClient } from './demo/clients/load.ts'
import type { Order, Report, Setup, What } from './demo/messages.ts'
import { onRejection } from './demo/rejections.ts'
import { usualWay } from './demo/usual-way.ts'
import { withTokenflight } from './demo/with-tokenflight.ts'

// One of the demo's processes: it is forked with the names of its clients, told which way to go, and fires its callers when told to.

/** An API call that has no answer by then (ms) counts as failed. */
const patience = 15_000

const report = (message: Report): void => void process.send?.(message)
const mark = (what: What): void => report({ type: 'mark', at: performance.timeOrigin + performance.now(), what })

/** Callers take them in turn. */
let clients: { name: ClientName; call: Call }[] = []
let api: string

// The demo's end is this process's end, however it came; Ctrl-C reaches the demo, which then ends its processes.
process.on('disconnect', () => process.exit())
process.on('SIGINT', () => {})

const names = process.argv.slice(2).filter(isClientName)
const programs = await Promise.all(names.map(async (name) => ({ name, client: await loadClient(name) })))
onRejection(() => mark('rejected'))
process.on('message', (order: Order) => {
  if (order.type === 'prepare') prepare(order)
  else setTimeout(() => void fire(order.callers), order.at - Date.now())
})
report({ type: 'ready' })

function prepare(setup: Setup): void {
  api = setup.api
  const way =
    setup.way === 'usual'
      ? usualWay({ ...setup, fetch: refreshFetch })
      : withTokenflight({ ...setup, onEvent: (event) => markEvent(event) })
  clients = programs.map(({ name, client }) => ({ name, call: way(client) }))
  report({ type: 'prepared' })
}

async function fire(callers: number): Promise<void> {
  mark('asked')
  await Promise.all(
    Array.from({ length: callers }, async (_, caller) => {
      const client = clients[caller % clients.length]
      if (client) report({ type: 'answered', client: client.name, ok: await succeeds(client.call) })
    }),
  )
  mark('finished')
  report({ type: 'done' })
}

async function succeeds(call: Call): Promise<boolean> {
  const timeout = new Promise<never>((_, reject) => setTimeout(reject, patience).unref())
  try {
    return (await Promise.race([call(api), timeout])) === 200
  } catch {
    return false
  }
}

/** fetch for token requests, with a mark when one is sent and when it is answered. */
const refreshFetch: Fetch = async (input, init) => {
  mark('posted')
  const response = await fetch(input, init)
  mark(response.ok ? 'kept' : 'refused')
  return response
}

function markEvent(event: TokenEvent): void {
  if (event.type === 'refresh_started') mark('posted')
  else if (event.type === 'refreshed') mark('kept')
  else if (event.type === 'waiting') mark('waiting')
  else if (event.type === 'adopted') mark('adopted')
  else if (event.type === 'refresh_failed') mark('refused')
}
