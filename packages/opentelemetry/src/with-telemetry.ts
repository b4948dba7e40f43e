import { type Attributes, type MeterProvider, type TracerProvider, trace } from '@opentelemetry/api'
import type { TokenManager, TokenManagers } from '@tokenflight/core'
import { createInstruments } from './instruments.ts'
import { measured } from './measured.ts'
import { Telemetry } from './telemetry.ts'

interface Providers {
  /** Default: the global one. */
  meterProvider?: MeterProvider | undefined
  /** Default: the global one. */
  tracerProvider?: TracerProvider | undefined
}

export interface TelemetryOptions extends Providers {
  /** Added to every measurement and span, e.g. `{ 'app.credential': 'acme' }`. Default: none. */
  attributes?: Attributes | undefined
}

export interface ManyTelemetryOptions extends Providers {
  /**
   * Added to every measurement and span of the credential with this key. Default: none. The key itself is none by default: it may name
   * a person, and each value is a time series of its own.
   */
  attributes?: Attributes | ((key: string) => Attributes) | undefined
}

/**
 * Measures what a manager does, and how long its callers wait: metrics and spans named `tokenflight.*`. Returns the manager to hand to
 * clients; what does not go through that one is known from its events alone.
 */
export function withTelemetry<Tokens extends TokenManager>(tokens: Tokens, options?: TelemetryOptions): Tokens
export function withTelemetry<Users extends TokenManagers>(users: Users, options?: ManyTelemetryOptions): Users
export function withTelemetry(
  tokens: TokenManager | TokenManagers,
  { attributes = {}, meterProvider, tracerProvider }: ManyTelemetryOptions = {},
): TokenManager | TokenManagers {
  const attributesOf = typeof attributes === 'function' ? orNone(attributes) : () => attributes
  const tracer = (tracerProvider ?? trace).getTracer('@tokenflight/opentelemetry')
  const telemetry = new Telemetry(createInstruments(meterProvider), tracer, attributesOf)
  if ('for' in tokens) {
    tokens.subscribe((event) => telemetry.hear(event))
    return { ...tokens, for: (key) => measured(tokens.for(key), telemetry, key) }
  }
  tokens.subscribe((event) => telemetry.hear(event, only))
  return measured(tokens, telemetry, only)
}

/** The room of a manager that has but one credential. */
const only = ''

/** Whatever goes wrong in there must not reach the callers. */
function orNone(attributes: (key: string) => Attributes): (key: string) => Attributes {
  return (key) => {
    try {
      return attributes(key)
    } catch {
      return {}
    }
  }
}
