import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** A TCP connection that a test can make bad: what is between a program and a server. */
export interface Link {
  readonly port: number
  /** Closes every connection, and new ones at once, until the returned function is called. */
  cut(): () => void
  /** The same, and nothing listens there meanwhile. */
  down(): Promise<() => Promise<void>>
  /** New connections that were closed at once, so far. */
  readonly refused: number
  /**
   * Nothing goes through any more, and nobody is told: as when a router has forgotten the connections. New ones work. The returned
   * function closes what is left of them, as keep-alive probes do in time.
   */
  freeze(): () => void
  /**
   * The server's next answer with this text in it is thrown away, and its connection is closed; resolves when that has happened.
   *
   * @param request Only on a connection on which this has been sent since.
   */
  loseNextAnswer(text?: string, request?: string): Promise<void>
  /** The next answer ends in its middle: one half goes through, and its connection is closed; resolves when that has happened. */
  cutNextAnswer(): Promise<void>
  /** No answer is waited for any more that would be lost or cut; whoever waits for it to happen is told. */
  spareAnswers(): void
  /** New connections lead there. */
  target: { host?: string; port: number }
  /** Milliseconds that everything takes, each way. */
  latency: number
  /** Connections so far. */
  readonly connections: number
  /** For good: nothing listens there any more. */
  close(): Promise<void>
}

/** Listens on a free port of 127.0.0.1, and passes everything on to `target`. */
export async function openLink(first: Link['target']): Promise<Link> {
  const pairs = new Set<Pair>()
  let isCut = false
  let latency = 0
  let target = first
  let connections = 0
  let refused = 0
  let lose: { text: string; request: string; asked?: Pair; lost: () => void } | undefined
  let cutOff: (() => void) | undefined

  const server = createServer((near) => {
    near.on('error', () => {})
    if (isCut) {
      refused++
      near.destroy()
      return
    }
    connections++
    const far = connect(target.port, target.host ?? '127.0.0.1')
    far.on('error', () => {})
    const pair: Pair = { near, far, frozen: false }
    pairs.add(pair)
    const drop = (): void => {
      pairs.delete(pair)
      near.destroy()
      far.destroy()
    }
    const onTheWay = new Map<Socket, Buffer[]>([
      [near, []],
      [far, []],
    ])
    const pass = (to: Socket, data: Buffer): void => {
      if (pair.frozen) return
      const queue = onTheWay.get(to) ?? []
      if (latency === 0 && queue.length === 0) {
        to.write(data)
        return
      }
      // Whatever the latency is by then: no byte overtakes another one on a connection.
      queue.push(data)
      setTimeout(() => to.write(queue.shift() ?? ''), latency)
    }
    near.on('data', (data) => {
      if (lose !== undefined && data.includes(lose.request)) lose.asked ??= pair
      pass(far, data)
    })
    far.on('data', (data) => {
      if (cutOff !== undefined && !pair.frozen) {
        const isCutOff = cutOff
        cutOff = undefined
        pairs.delete(pair)
        far.destroy()
        near.end(data.subarray(0, data.length / 2))
        isCutOff()
        return
      }
      const asked = lose?.request === '' || lose?.asked === pair
      if (lose === undefined || !asked || !data.includes(lose.text)) {
        pass(near, data)
        return
      }
      const { lost } = lose
      lose = undefined
      drop()
      lost()
    })
    for (const socket of [near, far])
      socket.on('close', () => {
        if (!pair.frozen) drop()
      })
  })
  async function listen(on: number): Promise<void> {
    server.listen(on, '127.0.0.1')
    await once(server, 'listening')
  }
  await listen(0)
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('The link has no port.')
  const { port } = address

  const closeAll = (which: Iterable<Pair> = pairs): void => {
    for (const pair of [...which]) {
      pair.near.destroy()
      pair.far.destroy()
      pairs.delete(pair)
    }
  }

  async function close(): Promise<void> {
    closeAll()
    if (!server.listening) return
    server.close()
    await once(server, 'close')
  }

  return {
    port,
    get connections() {
      return connections
    },
    get refused() {
      return refused
    },
    get target() {
      return target
    },
    set target(next) {
      target = next
    },
    get latency() {
      return latency
    },
    set latency(ms) {
      latency = ms
    },
    cut() {
      isCut = true
      closeAll()
      return () => {
        isCut = false
      }
    },
    async down() {
      await close()
      return () => listen(port)
    },
    freeze() {
      const frozen = [...pairs]
      for (const pair of frozen) pair.frozen = true
      return () => closeAll(frozen)
    },
    loseNextAnswer: (text = '', request = '') =>
      new Promise((resolve) => {
        lose = { text, request, lost: resolve }
      }),
    cutNextAnswer: () =>
      new Promise((resolve) => {
        cutOff = resolve
      }),
    spareAnswers() {
      lose?.lost()
      cutOff?.()
      lose = undefined
      cutOff = undefined
    },
    close,
  }
}

interface Pair {
  near: Socket
  far: Socket
  frozen: boolean
}
