/** What is kept for good, in PostgreSQL. The only package that knows a database. */
@NullMarked
package io.sluice.gateway.journal;

import org.jspecify.annotations.NullMarked;
