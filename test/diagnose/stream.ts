import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export interface Reading {
  bytes: number
  lines: number
  telling: number
  seconds: number
  /** Of the process that reads, not of the one that writes. */
  cpuSeconds: number
  /** Bytes in use after a collection, every 8 MB. */
  heap: number[]
  rss: number[]
  peakRss: number
  findings: [kind: string, clusters: number][]
}

/** One line in so many is about token requests. */
export type Density = 'none' | number

const blockLines = 10_000
const script = fileURLToPath(new URL('reading-process.ts', import.meta.url))

/**
 * Pipes a log that is stored nowhere through the diagnosis, in a process of its own. Every failure is of a user who was never seen before:
 * nothing may be kept for each of them.
 */
export async function readStream(megabytes: number, density: Density): Promise<Reading> {
  const args = ['--conditions=@tokenflight/source', '--expose-gc', script]
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text) => {
    said += text
  })
  const closed = once(child, 'close')
  const static0 = blockOf('none', 0)
  for (let written = 0, n = 0; written < megabytes * 1e6; n++) {
    const block = density === 'none' ? static0 : blockOf(density, n)
    written += block.length
    if (!child.stdin.write(block)) await once(child.stdin, 'drain')
  }
  child.stdin.end()
  const [code] = await closed
  if (code !== 0) throw new Error(`The process that reads ended with ${code}.`)
  return JSON.parse(said) as Reading
}

function blockOf(density: Density, block: number): Buffer {
  const lines = Array.from({ length: blockLines }, (_, n) => {
    const count = block * blockLines + n
    const at = Date.UTC(2026, 9, 1) + count * 3
    if (density !== 'none' && n % density === 0) return tellingLine(count, at)
    const time = new Date(at).toISOString()
    if (n % 3 === 0)
      return `{"level":30,"time":${at},"pid":4711,"hostname":"web-3","reqId":"req-${count}","req":{"method":"GET","url":"/api/orders/${count}"},"res":{"statusCode":200},"msg":"request completed"}`
    if (n % 3 === 1)
      return `10.0.0.${n % 250} - - [01/Oct/2026:08:22:01 +0000] "GET /assets/main-${n}.js HTTP/1.1" 200 ${count} "-" "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36"`
    return `${time} INFO  [pool-2-${n % 8}] Order ${count} went out to customer ${count * 7} in ${n % 90} ms`
  })
  return Buffer.from(`${lines.join('\n')}\n`)
}

function tellingLine(count: number, at: number): string {
  const user = `u-${count}`
  return count % 3 === 0
    ? `{"level":30,"time":${at},"pid":4711,"hostname":"web-3","userId":"${user}","msg":"access token refreshed"}`
    : `{"level":50,"time":${at},"pid":4712,"hostname":"web-3","userId":"${user}","error":"invalid_grant","msg":"token refresh failed"}`
}

// node test/diagnose/stream.ts [megabytes]: what a long log costs.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const megabytes = Number(process.argv[2] ?? 1_000)
  for (const density of ['none', 1_000, 50] as const) {
    const { bytes, seconds, cpuSeconds, peakRss, telling, heap } = await readStream(megabytes, density)
    const rate = (per: number): string => `${(bytes / 1e6 / per).toFixed(0)} MB/s`
    const about = density === 'none' ? 'no line' : `one line in ${density}`
    process.stdout.write(
      `${(bytes / 1e6).toFixed(0)} MB, ${about} about tokens (${telling}): ${rate(seconds)}, ${rate(cpuSeconds)} of CPU time, peak rss ${(peakRss / 1e6).toFixed(0)} MB, heap ${(Math.max(...heap) / 1e6).toFixed(0)} MB\n`,
    )
  }
}
