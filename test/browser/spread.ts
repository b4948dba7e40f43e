import { createRow, type Row } from '../bench/row.ts'
import { openStage, type Scene, type Tab } from './scene.ts'
import type { start } from './tab-page.ts'

export interface Crowd {
  tabs: number
  /** In each tab. */
  callers: number
  expiries: number
}

/** How long after a token was kept everybody has it who waits for it, in real tabs. They are on one machine, and so is their clock. */
export async function measureSpread(crowd: Crowd): Promise<Row[]> {
  const stage = await openStage()
  try {
    await using scene = await stage.scene()
    return await measure(scene, crowd)
  } finally {
    await stage.close()
  }
}

type Raced = Awaited<ReturnType<ReturnType<typeof start>['race']>>

async function measure(scene: Scene, { tabs: count, callers, expiries }: Crowd): Promise<Row[]> {
  const tabs: Tab[] = []
  // An API that refuses three tokens within seconds is what the cool-down is for; here the tokens do expire.
  while (tabs.length < count) tabs.push(await scene.open({ manager: { coolDown: 0 } }))
  const response = await scene.server.signIn()
  await tabs[0]?.signIn(response)
  let token = response.access_token
  for (const tab of tabs) await tab.token()
  const samples = { requests: [] as number[], waits: [] as number[], slowest: [] as number[] }
  for (let expiry = 1; expiry <= expiries; expiry++) {
    const before = scene.server.tokenRequests
    // Until everybody waits.
    const held = scene.server.hold('before')
    for (const { page } of tabs)
      await page.evaluate(`void (app.raced = app.race(${callers}, ${JSON.stringify(token)}))`)
    await held.arrived
    held.release()
    const raced = await Promise.all(tabs.map(({ run }) => run<Raced>((app) => Reflect.get(app, 'raced'))))
    const [kept] = raced.flatMap((tab) => tab.kept)
    if (kept === undefined) throw new Error(`expiry ${expiry}: no tab has kept a token`)
    const answers = raced.flatMap(({ answers }) => answers)
    const tokens = [...new Set(answers.map(({ token }) => token))]
    if (tokens.length !== 1) throw new Error(`expiry ${expiry}: ${tokens.length} different answers`)
    // The tab that has kept it may be told so after others have read it: they have waited for nothing.
    const waits = answers.map(({ at }) => Math.max(0, at - kept))
    samples.requests.push(scene.server.tokenRequests - before)
    samples.waits.push(...waits)
    samples.slowest.push(Math.max(...waits))
    token = tokens[0] ?? ''
  }
  const crowd = `${count} tabs x ${callers} callers, ${expiries} expiries`
  const most = (goal: number) => ({ goal: { goal, goalOf: 'median' as const } })
  return [
    createRow(
      { id: 'tabs.requests', what: `token requests of the costliest expiry; ${crowd}`, unit: 'requests' },
      [Math.max(...samples.requests)],
      most(1),
    ),
    createRow(
      { id: 'tabs.wait', what: "from the moment a token is kept to a caller's answer", unit: 'ms' },
      samples.waits,
    ),
    createRow({ id: 'tabs.last', what: 'to the last answer of the last tab, by expiry', unit: 'ms' }, samples.slowest),
    createRow(
      { id: 'tabs.slowest', what: 'to the last answer of the last tab, of all expiries', unit: 'ms' },
      [Math.max(...samples.slowest)],
      most(100),
    ),
  ]
}
