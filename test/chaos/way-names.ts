/** Ours, the popular recipe, and two libraries: how processes share a credential in a run. */
export const wayNames = ['tokenflight', 'naive', 'refresh-guard', '@badgateway/oauth2-client'] as const

export type WayName = (typeof wayNames)[number]
