import { runTogether } from './run-together.ts'

await runTogether('test/services/{access,answer,clock,connections,ledger,logging,pressure,receipt,registry,settings,shutdown,status,terminal,tracing}/*.test.ts')
