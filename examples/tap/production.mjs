import { upgrade as upgradeAt } from './client.mjs'

/** The client as it runs in production, with the vendor's address compiled in. */
export const upgrade = (token, projectId, planId) => upgradeAt('https://pickyassist.com', token, projectId, planId)
