// For tests of applications that fake their network with msw.

export type { ApiRequest, Echo } from './api-request.ts'
export type { ClientAuthenticationMethod, ClientRegistration, ClientRegistry } from './clients.ts'
export type { RequestHeaders } from './exchange.ts'
export type { Fault, GarbageShape } from './faults.ts'
export type { Held, HoldOptions, HoldPoint } from './gate.ts'
export type { Introspect } from './introspection.ts'
export {
  type AuthorizationServerHandlers,
  type AuthorizationServerHandlersOptions,
  authorizationServerHandlers,
} from './msw-authorization-server.ts'
export { type ProtectedResolver, type ResourceServerHandlers, resourceServerHandlers } from './msw-resource-server.ts'
export type { AuthorizationServerPolicy } from './policy.ts'
export type { ResourceServerPolicy, ScriptedAnswer, SimulatedResourceServer } from './protected-resource.ts'
export type { SignInOptions, SimulatedAuthorizationServer, SimulatorOptions } from './simulator.ts'
export type { Introspection } from './token-registry.ts'
export type { TokenRequest } from './token-request.ts'
