/** What all HTTP interfaces share: addresses, bodies, problems. */
@NullMarked
package io.sluice.gateway.web;

import org.jspecify.annotations.NullMarked;
