import type { TokenEvent } from '@tokenflight/core'
import type { Fetch } from '@tokenflight/fetch'
import { type Call, type ClientName, isClientName } from './clients/client.ts'
import { loadClient } from './clients/load.ts'
import type { Order, Report, Setup, What } from './messages.ts'
import { onRejection } from './rejections.ts'
import { usualWay } from './usual-way.ts'
import { withTokenflight } from './with-tokenflight.ts'

/** An API call that has no answer by then (ms) counts as failed. */
const patience = 15_000

/**
 * Loads the clients, and is ready for orders then.
 *
 * @param words Names of clients; callers take them in turn.
 * @param part Which callers are here: every `of`th, beginning with the `first`.
 */
export async function createCaller(
  words: readonly string[],
  part: { first: number; of: number },
  report: (report: Report) => void,
): Promise<(order: Order) => void> {
  let clients: { name: ClientName; call: Call }[] = []
  let api: string
  const mark = (what: What): void => report({ type: 'mark', at: performance.timeOrigin + performance.now(), what })
  const names = words.filter(isClientName)
  const programs = await Promise.all(names.map(async (name) => ({ name, client: await loadClient(name) })))
  onRejection(() => mark('rejected'))

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
    const here = Array.from({ length: callers }, (_, caller) => caller).filter(
      (caller) => caller % part.of === part.first,
    )
    await Promise.all(
      here.map(async (caller) => {
        const client = clients[caller % clients.length]
        if (client) report({ type: 'answered', client: client.name, ok: await succeeds(client.call, api) })
      }),
    )
    mark('finished')
    report({ type: 'done' })
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

  return (order) => {
    if (order.type === 'prepare') prepare(order)
    else setTimeout(() => void fire(order.callers), order.at - Date.now())
  }
}

async function succeeds(call: Call, api: string): Promise<boolean> {
  const timeout = new Promise<never>((_, reject) => setTimeout(reject, patience).unref())
  try {
    return (await Promise.race([call(api), timeout])) === 200
  } catch {
    return false
  }
}
