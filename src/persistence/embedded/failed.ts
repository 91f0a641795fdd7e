// The bundled PostgreSQL could not be made to run: one sentence, then what the server itself said.

export class EmbeddedFailed extends Error {
  override readonly name = 'EmbeddedFailed'
}
