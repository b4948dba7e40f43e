import { type Attributes, type Context, context, type SpanContext, type Tracer, trace } from '@opentelemetry/api'
import { findTokenError, type TokenEvent } from '@tokenflight/core'
import type { Instruments } from './instruments.ts'
import { RefreshSpans } from './refresh-spans.ts'

/** Whoever waits for one credential at this moment, and the refresh that may serve them. */
interface Room {
  waiting: number
  refresh?: SpanContext
}

/** What one manager, or one set of managers, tells the instruments: events say what happened, {@link enter} and {@link leave} who waited. */
export class Telemetry {
  readonly #instruments: Instruments
  readonly #tracer: Tracer
  readonly #spans: RefreshSpans
  readonly #attributesOf: (key: string) => Attributes
  /** Answers that were there when they were asked for. */
  readonly inMemory: WeakSet<Promise<unknown>> = new WeakSet()
  /** Only of credentials that somebody waits for. */
  readonly #rooms = new Map<string, Room>()

  constructor(instruments: Instruments, tracer: Tracer, attributesOf: (key: string) => Attributes) {
    this.#instruments = instruments
    this.#tracer = tracer
    this.#spans = new RefreshSpans(tracer)
    this.#attributesOf = attributesOf
  }

  /** @param key That of the room, where it is not the event's. */
  readonly hear = (event: TokenEvent, key: string = event.key): void => {
    const { refreshes, refreshDuration, failures, adoptions, takeovers } = this.#instruments
    const attributes = this.#attributesOf(event.key)
    switch (event.type) {
      case 'refresh_started': {
        const refresh = this.#spans.start(event, attributes)
        const room = this.#rooms.get(key)
        if (room !== undefined) room.refresh = refresh
        return
      }
      case 'refreshed':
        this.#spans.end(event, { 'tokenflight.refresh.rotated': event.rotated })
        refreshes.add(1, attributes)
        refreshDuration.record(event.durationMs / 1000, attributes)
        return
      case 'refresh_failed': {
        const failed = { ...attributes, 'error.type': event.code }
        failures.add(1, { ...failed, 'tokenflight.refresh.background': event.background })
        const open = this.#spans.fail(event)
        if (open !== undefined) refreshDuration.record((performance.now() - open.begun) / 1000, failed)
        return
      }
      case 'takeover':
        takeovers.add(1, { ...attributes, 'tokenflight.takeover.verdict': event.verdict })
        return
      case 'adopted':
        this.#spans.end(event)
        adoptions.add(1, attributes)
        return
      case 'signed_in':
      case 'signed_out':
        this.#spans.end(event)
        return
      default:
        this.#spans.note(event)
    }
  }

  enter(key: string): Wait {
    const room = this.#rooms.get(key) ?? { waiting: 0 }
    this.#rooms.set(key, room)
    return {
      key,
      room,
      joined: room.waiting++ > 0,
      context: context.active(),
      begunAt: Date.now(),
      begun: performance.now(),
    }
  }

  leave({ key, room }: Wait): void {
    if (--room.waiting === 0) this.#rooms.delete(key)
  }

  /** A caller who did not get a token at once has got one, or none. */
  waited({ key, room, joined, context: parent, begun, begunAt }: Wait, error?: unknown): void {
    const { joins, waitDuration } = this.#instruments
    const attributes = { ...this.#attributesOf(key), ...(error !== undefined && { 'error.type': errorType(error) }) }
    if (joined) joins.add(1, this.#attributesOf(key))
    waitDuration.record((performance.now() - begun) / 1000, attributes)
    // Whoever is not traced does not begin to be because of a token.
    if (trace.getSpanContext(parent) === undefined) return
    const links = room.refresh === undefined ? [] : [{ context: room.refresh }]
    this.#tracer.startSpan('tokenflight.wait', { attributes, links, startTime: begunAt }, parent).end()
  }

  rejected(key: string, replaced: boolean): void {
    this.#instruments.rejections.add(1, { ...this.#attributesOf(key), 'tokenflight.rejection.replaced': replaced })
  }
}

export interface Wait {
  readonly key: string
  readonly room: Room
  readonly joined: boolean
  readonly context: Context
  /** Epoch milliseconds, for the span; and the monotonic clock's, for the duration. */
  readonly begunAt: number
  readonly begun: number
}

function errorType(error: unknown): string {
  return findTokenError(error)?.code ?? (error instanceof Error ? error.name : '_OTHER')
}
