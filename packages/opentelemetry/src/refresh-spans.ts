import {
  type Attributes,
  context,
  type Link,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import type { TokenEvent } from '@tokenflight/core'

type Started = TokenEvent & { type: 'refresh_started' }
type Failed = TokenEvent & { type: 'refresh_failed' }

/** A refresh that has begun and not ended yet. */
export interface OpenRefresh {
  span: Span
  /** By the monotonic clock, in milliseconds. */
  begun: number
}

/**
 * One span per token request. It is a child of the span of whoever set it off, because that one waits for it. A refresh ahead of expiry
 * is waited for by nobody: it begins a trace of its own, with a link to the span in which it was noticed.
 */
export class RefreshSpans {
  readonly #tracer: Tracer
  readonly #open = new Map<string, OpenRefresh>()

  constructor(tracer: Tracer) {
    this.#tracer = tracer
  }

  start(event: Started, attributes: Attributes): SpanContext {
    // What the last one came to was a look at the store and another try: no event of its own.
    this.end(event)
    const active = context.active()
    const noticedIn = trace.getSpanContext(active)
    const links: Link[] = event.background && noticedIn !== undefined ? [{ context: noticedIn }] : []
    const span = this.#tracer.startSpan(
      'tokenflight.refresh',
      {
        links,
        attributes: {
          ...attributes,
          'tokenflight.refresh.background': event.background,
          'tokenflight.refresh.generation': event.generation,
          'tokenflight.refresh.presentation': event.presentation,
        },
      },
      event.background ? ROOT_CONTEXT : active,
    )
    this.#open.set(event.key, { span, begun: performance.now() })
    return span.spanContext()
  }

  /** Something happened to the refresh under way. */
  note({ key, type }: TokenEvent): void {
    this.#open.get(key)?.span.addEvent(`tokenflight.${type}`)
  }

  /** Ends the span of this credential, where there is one. */
  end(event: TokenEvent, attributes: Attributes = {}): OpenRefresh | undefined {
    const open = this.#open.get(event.key)
    this.#open.delete(event.key)
    open?.span.setAttributes(attributes).end()
    return open
  }

  fail(event: Failed): OpenRefresh | undefined {
    this.#open.get(event.key)?.span.setStatus({ code: SpanStatusCode.ERROR, message: event.code })
    return this.end(event, {
      'error.type': event.code,
      ...(event.error !== undefined && { 'tokenflight.oauth.error': event.error }),
      ...(event.status !== undefined && { 'http.response.status_code': event.status }),
    })
  }
}
