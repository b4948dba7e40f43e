import { type Counter, type Histogram, type MeterProvider, metrics } from '@opentelemetry/api'

/** What is counted and measured. Names, units and plurals as the semantic conventions have them. */
export interface Instruments {
  readonly refreshes: Counter
  readonly refreshDuration: Histogram
  readonly failures: Counter
  readonly adoptions: Counter
  readonly takeovers: Counter
  readonly joins: Counter
  readonly waitDuration: Histogram
  readonly rejections: Counter
}

/** In seconds, those of `http.client.request.duration`. */
const advice = {
  explicitBucketBoundaries: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
}

export function createInstruments(provider: MeterProvider | undefined): Instruments {
  const meter = (provider ?? metrics).getMeter('@tokenflight/opentelemetry')
  const counter = (name: string, unit: string, description: string) =>
    meter.createCounter(`tokenflight.${name}`, { unit: `{${unit}}`, description })
  const seconds = (name: string, description: string) =>
    meter.createHistogram(`tokenflight.${name}`, { unit: 's', description, advice })
  return {
    refreshes: counter('refreshes', 'refresh', 'Token requests of this process whose tokens were kept'),
    refreshDuration: seconds('refresh.duration', 'From the token request to the kept tokens, or to the failure'),
    failures: counter('failures', 'failure', 'Failures that callers were told, or that a refresh behind met'),
    adoptions: counter('adoptions', 'adoption', 'Tokens taken over from the store, where a sibling had put them'),
    takeovers: counter('takeovers', 'takeover', 'Refreshes taken over from a silent or dead holder'),
    joins: counter('joins', 'caller', 'Callers who waited together with others for the same credential'),
    waitDuration: seconds('wait.duration', 'How long a caller waited whom the memory of the process could not serve'),
    rejections: counter('rejections', 'rejection', 'Access tokens that a resource server refused'),
  }
}
