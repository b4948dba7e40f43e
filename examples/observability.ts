// How do I see what happens: in my log, on my dashboard, in my traces, and from a tool that knows nothing of my application?

import assert from 'node:assert/strict'
import { subscribe } from 'node:diagnostics_channel'
import { PassThrough } from 'node:stream'
import { context } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { withTelemetry } from '@tokenflight/opentelemetry'
import { startAuthorizationServer } from '@tokenflight/testing'
import pino from 'pino'
import { createTokenManager, eventLog, refreshTokenGrant, type TokenEvent, tellEach } from 'tokenflight'

// An SDK whose exporters keep everything here. In earnest: @opentelemetry/sdk-node, and then the two providers are the global ones.
const metricExporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
const reader = new PeriodicExportingMetricReader({ exporter: metricExporter })
const meterProvider = new MeterProvider({ readers: [reader] })
const spanExporter = new InMemorySpanExporter()
const tracerProvider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter: spanExporter })] })
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())

// From outside: every event of every manager in this process.
const published: unknown[] = []
subscribe('tokenflight:event', (event) => published.push(event))

const server = await startAuthorizationServer()
const log = new PassThrough({ encoding: 'utf8' }) // in earnest the standard output: pino()
const types: TokenEvent['type'][] = []
const manager = createTokenManager({
  grant: refreshTokenGrant({ tokenEndpoint: server.tokenEndpoint, clientId: 'app' }),
  onEvent: tellEach(eventLog(pino(log)), ({ type }) => types.push(type)),
})
const tokens = withTelemetry(manager, { meterProvider, tracerProvider })

await tokens.setTokens(await server.signIn({ expiresIn: 0.001 }))
await tracerProvider.getTracer('app').startActiveSpan('GET /orders', async (span) => {
  await Promise.all(Array.from({ length: 10 }, () => tokens.getAccessToken()))
  span.end()
})
assert.deepEqual(types, ['signed_in', 'refresh_started', 'refreshed'])
assert.equal(published.length, types.length)

// What `tokenflight diagnose` reads.
const lines: { msg: string; tokenflight: TokenEvent }[] = String(log.read())
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line))
assert.deepEqual(
  lines.map(({ tokenflight }) => tokenflight.type),
  types,
)
for (const { msg } of lines) console.log('log:', msg)

await reader.forceFlush()
for (const { scopeMetrics } of metricExporter.getMetrics())
  for (const { descriptor, dataPoints } of scopeMetrics.flatMap(({ metrics }) => metrics))
    console.log('metric:', descriptor.name, descriptor.unit, dataPoints.length)
const spans = spanExporter.getFinishedSpans().map(({ name }) => name)
assert.equal(spans.filter((name) => name === 'tokenflight.refresh').length, 1)
console.log('spans:', new Set(spans))

await tokens.close()
await Promise.all([server.close(), meterProvider.shutdown(), tracerProvider.shutdown()])
