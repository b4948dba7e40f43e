// For tests of applications: servers and time.

export type { ApiRequest, Echo } from './api-request.ts'
export {
  type AuthorizationServer,
  type AuthorizationServerOptions,
  startAuthorizationServer,
} from './authorization-server.ts'
export type { KillSecretOptions, RotateSecretOptions } from './client-secrets.ts'
export type { ClientAuthenticationMethod, ClientRegistration, ClientRegistry } from './clients.ts'
export { type Clock, type ClockOptions, createClock } from './clock.ts'
export type { RequestHeaders } from './exchange.ts'
export type { Fault, GarbageShape } from './faults.ts'
export type { Held, HoldOptions, HoldPoint } from './gate.ts'
export type { Introspect } from './introspection.ts'
export type { AuthorizationServerPolicy } from './policy.ts'
export type { ResourceServerPolicy, ScriptedAnswer, SimulatedResourceServer } from './protected-resource.ts'
export type { RotationPolicy } from './redemption.ts'
export { type ResourceServer, type ResourceServerOptions, startResourceServer } from './resource-server.ts'
export type { RevocationRequest } from './revocation-endpoint.ts'
export type { AuthorizationServerState, GrantState } from './server-state.ts'
export type { SignInOptions, SimulatedAuthorizationServer, SimulatorOptions } from './simulator.ts'
export type { Latency, TokenEndpointPolicy } from './token-endpoint.ts'
export type { Introspection, LifetimePolicy } from './token-registry.ts'
export type { TokenRequest, TokenRequestOutcome } from './token-request.ts'
export type { AnswerPolicy } from './token-response.ts'

// For authors of stores.

export { storeContract } from './store-contract.ts'
export type { ContractProcess, StoreContractCase, StoreFixture, StoreUnderTest } from './store-contract-fixture.ts'
export { serveStoreContract } from './store-contract-worker.ts'
