package link.ambassador.webhook.serving;

import java.util.Collection;
import java.util.List;
import link.ambassador.model.SidecarAmbassador;
import link.ambassador.model.SidecarAmbassadors;

/** A cache that is filled, and has no Ambassador. */
record NoAmbassadors() implements SidecarAmbassadors {
    @Override
    public Collection<SidecarAmbassador> in(String namespace) {
        return List.of();
    }

    @Override
    public boolean isSynced() {
        return true;
    }
}
