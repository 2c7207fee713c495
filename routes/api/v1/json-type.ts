/** Content type of an answer that a route writes as text, without a serializer. */
export const JSON_TYPE = 'application/json; charset=utf-8'
