package link.ambassador.webhook;

import java.util.Optional;

/**
 * What the installation says about the relays that it injects.
 *
 * @param relayImage the image of this very version, as the operator's own Deployment names it
 * @param imagePullPolicy empty: the API server's default for that image
 */
public record InjectionSettings(String relayImage, Optional<String> imagePullPolicy) {}
