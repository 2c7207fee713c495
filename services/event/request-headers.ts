/** Headers of a request as in Node: names in lower case. */
export type RequestHeaders = Readonly<Record<string, string | string[] | undefined>>
