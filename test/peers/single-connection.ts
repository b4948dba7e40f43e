/** Node keeps the dispatcher of its built-in fetch under this well-known name once `Request` has been looked at. */
const dispatcherKey = Symbol.for('undici.globalDispatcher.1')
new Request('http://127.0.0.1')
const builtIn: unknown = Reflect.get(globalThis, dispatcherKey)

export interface SingleConnection {
  fetch: typeof fetch
  destroy(): Promise<void>
}

/** fetch with one connection to every origin. */
export function openSingleConnection(): SingleConnection {
  if (typeof builtIn !== 'object' || builtIn === null) throw new Error('This Node has no built-in dispatcher.')
  const Pool = builtIn.constructor as new (options: object) => { destroy(): Promise<void> }
  const dispatcher = new Pool({ connections: 1, pipelining: 1 })
  return {
    fetch: (input, init) => fetch(input, Object.assign({}, init, { dispatcher })),
    destroy: () => dispatcher.destroy(),
  }
}
