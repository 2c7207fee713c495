import { runTogether } from './run-together.ts'

await runTogether('test/services/{access,answer,arrivals,clock,connections,fleet,forecast,ledger,logging,organizations,producer,receipt,registry,schema,settings,shutdown,statements,status,terminal,tracing}/*.test.ts')
