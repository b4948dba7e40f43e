import { type Attributes, context } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  AggregationTemporality,
  type DataPoint,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { createTokenManager, memoryStore, type TokenManagerOptions } from '@tokenflight/core'
import { refreshTokenGrant } from '@tokenflight/oauth'
import { startAuthorizationServer } from '@tokenflight/testing'
import { onTestFinished } from 'vitest'

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())

/** The real SDK, whose exporters keep what they are given. */
export function startTelemetry() {
  const spanExporter = new InMemorySpanExporter()
  const metricExporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const reader = new PeriodicExportingMetricReader({ exporter: metricExporter, exportIntervalMillis: 3_600_000 })
  const tracerProvider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter: spanExporter })] })
  const meterProvider = new MeterProvider({ readers: [reader] })
  onTestFinished(async () => {
    await Promise.all([tracerProvider.shutdown(), meterProvider.shutdown()])
  })
  const tracer = tracerProvider.getTracer('application')

  async function exported() {
    metricExporter.reset()
    await reader.forceFlush()
    return metricExporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics))
  }

  return {
    meterProvider,
    tracerProvider,
    exported,
    /** Data points of a metric as [what was counted, attributes]; of a histogram, how many measurements. */
    async counted(name: string): Promise<[number, Attributes][]> {
      const all = await exported()
      const points: DataPoint<number | { count: number }>[] = all
        .filter(({ descriptor }) => descriptor.name === name)
        .flatMap(({ dataPoints }): DataPoint<number | { count: number }>[] => dataPoints)
      return points.map(({ value, attributes }) => [typeof value === 'number' ? value : value.count, attributes])
    },
    spans: (name?: string): ReadableSpan[] =>
      spanExporter.getFinishedSpans().filter((span) => name === undefined || span.name === name),
    /** Does `work` in a span of the application, and gives that span. */
    async traced(work: () => Promise<unknown>): Promise<ReadableSpan> {
      return await tracer.startActiveSpan('request', async (span) => {
        await work()
        span.end()
        const { spanId } = span.spanContext()
        const ended = spanExporter.getFinishedSpans().find((each) => each.spanContext().spanId === spanId)
        if (ended === undefined) throw new Error('the span of the request was not exported')
        return ended
      })
    },
  }
}

/** An authorization server, and a manager that is signed in there with an access token whose time is over. */
export async function startScene(options: Partial<TokenManagerOptions> = {}) {
  const server = await startAuthorizationServer()
  onTestFinished(() => server.close())
  const grant = refreshTokenGrant({ tokenEndpoint: server.tokenEndpoint, clientId: 'app' })
  let now = Date.now()
  const shared = { grant, store: memoryStore(), softWindow: false, clock: () => now, ...options } as const
  const tokens = createTokenManager(shared)
  onTestFinished(() => tokens.close())
  const pass = (ms: number) => {
    now += ms
  }
  const expire = () => pass(7_200_000)
  await tokens.setTokens(await server.signIn())
  expire()
  return { server, grant, tokens, shared, expire, pass }
}
