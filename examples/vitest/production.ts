import { upgrade as upgradeAt } from './client'

/** The client as it runs in production, with the vendor's address compiled in. */
export const upgrade = (token: string, projectId: number, planId: number): Promise<object> => upgradeAt('https://pickyassist.com', token, projectId, planId)
