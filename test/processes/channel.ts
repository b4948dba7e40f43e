import { parentPort } from 'node:worker_threads'

/** To whoever started this program: a process or, for a thread, the main thread. */
export interface Channel<Order, Report> {
  send(report: Report): void
  onOrder(listener: (order: Order) => void): void
  /** After that nothing of it keeps the program alive. */
  close(): void
}

export function openChannel<Order, Report>(): Channel<Order, Report> {
  const port = parentPort
  if (port !== null) {
    return {
      send: (report) => port.postMessage(report),
      onOrder: (listener) => void port.on('message', listener),
      close: () => port.close(),
    }
  }
  return {
    // No callback, and no listener for 'error': whoever started us may be gone, and then so are we.
    send: (report) => void process.send?.(report, undefined, undefined, () => {}),
    onOrder: (listener) => void process.on('message', (message) => listener(message as Order)),
    close: () => process.disconnect?.(),
  }
}
