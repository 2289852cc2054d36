import type { Account } from '../domain/account.js'
import type { AccountBooks, Charge } from '../domain/account-books.js'
import type { Store } from '../store/index.js'

/** Reads an account's books as they are, without settling what is due. */
export function accountBooks ({ ledger, projects }: Pick<Store, 'ledger' | 'projects'>, account: Account): AccountBooks {
  const { accountId, name } = account
  return {
    account: name,
    charges: chargesIn(ledger, account),
    projects: projects.list(accountId).map(({ projectId, projectName, status, subscriptions, apiTokens }) => ({
      projectId,
      name: projectName,
      status,
      plans: subscriptions.map(({ planId }) => planId),
      apiTokens: apiTokens.filter(token => token.status !== 'deleted').length
    }))
  }
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
