import { diagnose } from '../../packages/cli/src/diagnose/diagnose.ts'

// Diagnoses its stdin and says what that cost: one JSON object on stdout.

/** After how many bytes memory is weighed. */
const step = 8e6
const heap: number[] = []
const rss: number[] = []
let next = step
const began = performance.now()
const { count, findings, signals } = await diagnose({
  files: ['-'],
  onProgress({ bytes }) {
    if (bytes < next) return
    next += step
    globalThis.gc?.()
    heap.push(process.memoryUsage().heapUsed)
    rss.push(process.memoryUsage.rss())
  },
})
const seconds = (performance.now() - began) / 1000
const { user, system } = process.cpuUsage()
const peakRss = process.resourceUsage().maxRSS * 1024
process.stdout.write(
  `${JSON.stringify({ ...count, seconds, cpuSeconds: (user + system) / 1e6, heap, rss, peakRss, signals, findings: findings.map(({ kind, clusterCount }) => [kind, clusterCount]) })}\n`,
)
