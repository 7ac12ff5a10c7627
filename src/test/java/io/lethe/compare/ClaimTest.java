// A claim keeps others out, and dies with whoever held it.
package io.lethe.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lethe.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClaimTest {
  @TempDir Path folder;

  @Test
  void oneAtATime() throws IOException {
    Path file = folder.resolve("claim");
    try (Claim first = Claim.of(file).orElseThrow()) {
      assertEquals(Optional.empty(), Claim.of(file));
      assertTrue(Files.readString(file).contains(Long.toString(ProcessHandle.current().pid())));
      first.finished();
    }
    assertFalse(Files.exists(file));
  }

  @Test
  void aFileThatADeadProcessHasLeftIsNoClaim() throws IOException {
    Path file = Files.writeString(folder.resolve("claim"), "process 1 of long ago, and more\n");
    try (Claim claim = Claim.of(file).orElseThrow()) {
      String owner = "process " + ProcessHandle.current().pid() + "\n";
      assertEquals(owner, Files.readString(file), "whose claim " + claim + " is");
    }
    assertTrue(Files.exists(file), "the work is not finished");
  }

  @Test
  void aPlaceThatCannotBeClaimedIsNamed() {
    Path nowhere = folder.resolve("no/such/claim");
    UserError error = assertThrows(UserError.class, () -> Claim.of(nowhere));
    assertTrue(error.getMessage().contains("no/such/claim"), error.getMessage());
  }
}
