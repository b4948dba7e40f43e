import type { TokenEvent } from '@tokenflight/core'
import { describe, expect, test } from 'vitest'
import { namesIn } from './crew.ts'
import type { Program } from './program.ts'
import { openScene, type Scene, told } from './scene.ts'
import { storeSignIn } from './sign-in.ts'

type News = { type: 'event'; event: TokenEvent } | { type: 'done' }
type Tool = Program<{ type: 'end' }, News>

const program = new URL('short.ts', import.meta.url)
const done = { code: 0, signal: null }

function news(tool: Tool, is: (news: News) => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    tool.onReport((report) => {
      if (is(report)) resolve()
    })
    void tool.ended.then(() => reject(new Error(`the tool ended too early:\n${tool.stderr}`)))
  })
}

const startTool = (scene: Scene): Tool => scene.run(program)
const waits = (tool: Tool): Promise<void> =>
  news(tool, (report) => report.type === 'event' && report.event.type === 'waiting')

describe.concurrent('P2 a process that closes nothing', () => {
  test('ends by itself with code 0 once its calls are done', async ({ onTestFinished }) => {
    const scene = await openScene(onTestFinished)
    const tool = startTool(scene)
    expect(await tool.ended).toEqual(done)
    expect(tool).toMatchObject({ stdout: '200 200\n', stderr: '' })
    expect(await namesIn(scene.directory)).toEqual(['credentials.json'])
  })

  test('and only waits for the refresh of another stays until it has the token', async ({ onTestFinished }) => {
    const scene = await openScene(onTestFinished)
    const holder = await scene.start()
    const held = scene.server.hold('before')
    const own = holder.call()
    await held.arrived
    const tool = startTool(scene)
    await waits(tool)
    held.release()
    expect(await tool.ended).toEqual(done)
    expect(tool).toMatchObject({ stdout: '200 200\n', stderr: '' })
    expect(told(await own)).toEqual([scene.server.requests[0]?.accessToken])
    expect(scene.server.tokenRequests).toBe(1)
  })

  test('and only waits for the refresh of another that dies takes it over', async ({ onTestFinished }) => {
    const scene = await openScene(onTestFinished)
    const holder = await scene.start({ standsAt: 'claim written' })
    void holder.call()
    await holder.reached('claim written')
    const tool = startTool(scene)
    await waits(tool)
    await holder.kill()
    expect(await tool.ended).toEqual(done)
    expect(tool).toMatchObject({ stdout: '200 200\n', stderr: '' })
    expect(scene.presentations()).toBe(1)
  })

  test('and ends right after its own refresh leaves those who waited for it with the token', async ({
    onTestFinished,
  }) => {
    const scene = await openScene(onTestFinished)
    const other = await scene.start()
    const held = scene.server.hold('before')
    const tool = startTool(scene)
    await held.arrived
    const asked = other.call(25)
    await other.heard(({ type }) => type === 'waiting')
    held.release()
    expect(await tool.ended).toEqual(done)
    const answers = told(await asked)
    expect(answers).toEqual(answers.map(() => scene.server.requests[0]?.accessToken))
    expect(other.events).not.toContainEqual(expect.objectContaining({ type: 'takeover' }))
    expect(scene.server.tokenRequests).toBe(1)
  })

  test('F11 and leaves a refresh ahead of expiry behind still keeps what that brings', async ({ onTestFinished }) => {
    const scene = await openScene(onTestFinished)
    const { server } = scene
    // Past the moment at which somebody may refresh ahead, and good for a long time yet.
    await storeSignIn(scene.path, await server.signIn(), () => Date.now() - 3_400_000)
    const held = server.hold('after')
    const tool = startTool(scene)
    const served = news(tool, ({ type }) => type === 'done')
    await held.arrived
    await served
    held.release()
    expect(await tool.ended).toEqual(done)
    expect((await scene.stored())?.tokens?.accessToken).toBe(server.requests[0]?.accessToken)
    expect((await scene.stored())?.claim).toBeUndefined()
  })
})
