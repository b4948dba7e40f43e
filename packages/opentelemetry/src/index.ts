export { type ManyTelemetryOptions, type TelemetryOptions, withTelemetry } from './with-telemetry.ts'
