import { closeSync, fstatSync, openSync, readFileSync, rmSync } from 'node:fs'
import { fingerprint, openHistory } from './history.ts'

// Reads the credential file as any program would, as fast as it changes, and writes down what it sees. It also outlives the controller
// for a moment: if that is killed, the witness ends all that it had started.

const [path = '', historyPath = '', directory = ''] = process.argv.slice(2)
const history = openHistory(historyPath)
const pids = new Set<number>()
let before: Buffer | undefined

process.on('SIGINT', () => {})
process.on('SIGTERM', () => {})
process.on('message', (message: { type: 'started' | 'ended'; pid: number } | { type: 'end' }) => {
  if (message.type === 'started') pids.add(message.pid)
  else if (message.type === 'ended') pids.delete(message.pid)
  else process.exit()
})
process.on('disconnect', () => {
  for (const pid of pids) endProcess(pid)
  rmSync(directory, { recursive: true, force: true })
  process.exit(1)
})
setInterval(look, 1)
process.send?.({ type: 'ready' })

function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It is gone already.
  }
}

function look(): void {
  // Several times a turn: a moment in which there is nothing, or half of it, would be short.
  for (let times = 0; times < 4; times++) {
    try {
      lookOnce()
    } catch (error) {
      history.write({ type: 'torn', bytes: 0, why: error instanceof Error ? error.message : String(error) })
    }
  }
}

function lookOnce(): void {
  const file = openSync(path, 'r')
  try {
    const bytes = readFileSync(file)
    if (before?.equals(bytes)) return
    before = bytes
    note(bytes, fstatSync(file).mode & 0o777)
  } finally {
    closeSync(file)
  }
}

interface Stored {
  access_token?: string
  refresh_token?: string
  tokenflight?: { revision: number; generation: number; claim?: { id: string } }
}

function note(bytes: Buffer, mode: number): void {
  let stored: Stored = {}
  try {
    stored = JSON.parse(bytes.toString())
  } catch {
    // Said below.
  }
  const { access_token: access, refresh_token: refresh, tokenflight } = stored
  if (access === undefined || refresh === undefined)
    history.write({ type: 'torn', bytes: bytes.length, why: 'no JSON, or no tokens in it' })
  else
    history.write({
      type: 'seen',
      mode,
      access: fingerprint(access),
      refresh: fingerprint(refresh),
      ...(tokenflight && { revision: tokenflight.revision, generation: tokenflight.generation }),
      ...(tokenflight?.claim && { claim: tokenflight.claim.id }),
    })
}
