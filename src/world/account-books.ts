import type { Account } from '../domain/account.js'
import type { AccountBooks, Charge, Holding } from '../domain/account-books.js'
import type { Project } from '../domain/project.js'
import type { Store } from '../store/index.js'
import { isGeneratedName } from './generated.js'

/** Reads an account's books as they are, without settling what is due. */
export function accountBooks ({ ledger, projects }: Pick<Store, 'ledger' | 'projects'>, account: Account): AccountBooks {
  const { accountId, name } = account
  return {
    account: name,
    isNamed: !isGeneratedName(name),
    charges: chargesIn(ledger, account),
    projects: projects.list(accountId).map(holdingOf)
  }
}

function holdingOf ({ projectId, projectName, status, subscriptions, apiTokens, details }: Project): Holding {
  const kept = apiTokens.filter(token => token.status !== 'deleted')
  return {
    projectId,
    name: projectName,
    status,
    plans: subscriptions.map(({ planId }) => planId),
    apiTokens: kept.length,
    details: {
      'global webhook': unnumbered(details.globalWebhook, projectId),
      'event webhook': unnumbered(details.eventWebhook, projectId),
      'smart reply webhook': unnumbered(details.smartReplyWebhook, projectId),
      // Without their texts: one that is created again in place of another serves as well.
      'set of API tokens': kept.map(({ ip, status }) => `${ip} ${status}`).sort().join()
    }
  }
}

/** Gives a webhook without its project's number: a project that is created later than in the reference has another one. */
function unnumbered (webhook = '', projectId: number): string {
  return webhook.replace(new RegExp(`(?<!\\w)${projectId}(?!\\w)`, 'g'), '#')
}

/** Lists what an account's ledger has of purchases and renewals, oldest first. */
export function chargesIn (ledger: Store['ledger'], { accountId }: Account): Charge[] {
  return ledger.list(accountId).filter(({ kind }) => kind === 'plan-change' || kind === 'renewal').map(entry => ({
    kind: entry.kind,
    mills: -entry.amountMills,
    projectId: entry.projectId,
    planId: entry.planId,
    requestId: entry.requestId
  }))
}
