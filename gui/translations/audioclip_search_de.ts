<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
<context>
    <name>AboutDialog</name>
    <message>
        <source>About AudioCLIP Search</source>
        <translation>Über AudioCLIP Search</translation>
    </message>
    <message>
        <source>Version {version}</source>
        <translation>Version {version}</translation>
    </message>
    <message>
        <source>Finds sounds and pictures in your own folders by words, by a picture or by another sound. Everything stays on this computer. MIT licence; the models are AudioCLIP's.</source>
        <translation>Findet Klänge und Bilder in Ihren eigenen Ordnern: nach Worten, einem Bild oder einem anderen Klang. Alles bleibt auf diesem Rechner. MIT-Lizenz; die Modelle stammen von AudioCLIP.</translation>
    </message>
    <message>
        <source>Copy details</source>
        <translation>Angaben kopieren</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Versions of all that matters, for a bug report.</source>
        <translation>Alle wichtigen Versionen, für eine Fehlermeldung.</translation>
    </message>
</context>
<context>
    <name>AdvancedPage</name>
    <message>
        <source>Advanced</source>
        <translation>Erweitert</translation>
    </message>
    <message>
        <source>Data</source>
        <translation>Daten</translation>
    </message>
    <message>
        <source>Cache</source>
        <translation>Zwischenspeicher</translation>
    </message>
    <message>
        <source>Logs and crash reports</source>
        <translation>Protokolle und Absturzberichte</translation>
    </message>
    <message>
        <source>Show the log</source>
        <translation>Protokoll zeigen</translation>
    </message>
    <message>
        <source>What happened</source>
        <translation>Was geschah</translation>
    </message>
    <message>
        <source>Open another library…</source>
        <translation>Andere Bibliothek öffnen…</translation>
    </message>
    <message>
        <source>A folder with an index of its own, as the command line program makes it.</source>
        <translation>Ein Ordner mit eigenem Index, wie ihn das Kommandozeilenprogramm anlegt.</translation>
    </message>
    <message>
        <source>Back to my library</source>
        <translation>Zurück zu meiner Bibliothek</translation>
    </message>
    <message>
        <source>Library</source>
        <translation>Bibliothek</translation>
    </message>
    <message>
        <source>Reset all settings…</source>
        <translation>Alle Einstellungen zurücksetzen…</translation>
    </message>
    <message>
        <source>Start over</source>
        <translation>Von vorn</translation>
    </message>
    <message>
        <source>Files, tags, ratings and the index stay as they are.</source>
        <translation>Dateien, Schlagwörter, Bewertungen und der Index bleiben, wie sie sind.</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Öffnen</translation>
    </message>
    <message>
        <source>Open the folder: {what}</source>
        <translation>Ordner öffnen: {what}</translation>
    </message>
    <message>
        <source>Open a library</source>
        <translation>Bibliothek öffnen</translation>
    </message>
    <message>
        <source>Reset all settings</source>
        <translation>Alle Einstellungen zurücksetzen</translation>
    </message>
    <message>
        <source>Set everything back to how it was at first?</source>
        <translation>Alles auf den Anfangszustand zurücksetzen?</translation>
    </message>
    <message>
        <source>Reset</source>
        <translation>Zurücksetzen</translation>
    </message>
</context>
<context>
    <name>AppearancePage</name>
    <message>
        <source>Appearance</source>
        <translation>Aussehen</translation>
    </message>
    <message>
        <source>As the system</source>
        <translation>Wie das System</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>Hell</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>Dunkel</translation>
    </message>
    <message>
        <source>Colours</source>
        <translation>Farben</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>Sprache</translation>
    </message>
    <message>
        <source>Another language counts from the next start of the app on.</source>
        <translation>Eine andere Sprache gilt ab dem nächsten Start der App.</translation>
    </message>
    <message>
        <source>Keep running in the tray when the window is closed</source>
        <translation>Im Infobereich weiterlaufen, wenn das Fenster geschlossen wird</translation>
    </message>
</context>
<context>
    <name>Banner</name>
    <message>
        <source>Dismiss this message</source>
        <translation>Diese Meldung schließen</translation>
    </message>
    <message>
        <source>Dismiss</source>
        <translation>Schließen</translation>
    </message>
</context>
<context>
    <name>CrashDialog</name>
    <message>
        <source>Something went wrong</source>
        <translation>Etwas ist schiefgegangen</translation>
    </message>
    <message>
        <source>This is a mistake in the app; your files are as they were. You can go on. A report is in {file}. It has paths of files of yours in it; look at it before you send it.</source>
        <translation>Das ist ein Fehler der App; Ihre Dateien sind unverändert. Sie können weiterarbeiten. Ein Bericht liegt in {file}. Er enthält Pfade Ihrer Dateien; sehen Sie ihn an, bevor Sie ihn senden.</translation>
    </message>
    <message>
        <source>The report</source>
        <translation>Der Bericht</translation>
    </message>
    <message>
        <source>Copy report</source>
        <translation>Bericht kopieren</translation>
    </message>
    <message>
        <source>Open folder</source>
        <translation>Ordner öffnen</translation>
    </message>
    <message>
        <source>Go on</source>
        <translation>Weiter</translation>
    </message>
</context>
<context>
    <name>FailuresDialog</name>
    <message>
        <source>Files that could not be read</source>
        <translation>Nicht lesbare Dateien</translation>
    </message>
    <message>
        <source>They can't be found by how they sound or look. Each is tried again when it changes, or, if it could not be reached, at the next rescan.</source>
        <translation>Sie sind nach Klang oder Aussehen nicht zu finden. Jede wird erneut versucht, wenn sie sich ändert; war sie nicht erreichbar, beim nächsten Abgleich.</translation>
    </message>
    <message>
        <source>File</source>
        <translation>Datei</translation>
    </message>
    <message>
        <source>Why</source>
        <translation>Grund</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>Ordner</translation>
    </message>
    <message>
        <source>Show in folder</source>
        <translation>Im Ordner zeigen</translation>
    </message>
    <message>
        <source>Copy list</source>
        <translation>Liste kopieren</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>All files could be read</source>
        <translation>Alle Dateien waren lesbar</translation>
    </message>
    <message>
        <source>{files} could not be read</source>
        <translation>{files} nicht lesbar</translation>
    </message>
</context>
<context>
    <name>FoldersPage</name>
    <message>
        <source>Folders</source>
        <translation>Ordner</translation>
    </message>
    <message>
        <source>Folders of the library</source>
        <translation>Ordner der Bibliothek</translation>
    </message>
    <message>
        <source>Add…</source>
        <translation>Hinzufügen…</translation>
    </message>
    <message>
        <source>It has moved…</source>
        <translation>Ist umgezogen…</translation>
    </message>
    <message>
        <source>Say where this folder is now. Tags and ratings are kept.</source>
        <translation>Sagen, wo dieser Ordner jetzt ist. Schlagwörter und Bewertungen bleiben.</translation>
    </message>
    <message>
        <source>Remove…</source>
        <translation>Entfernen…</translation>
    </message>
    <message>
        <source>Watch the folders, and index what changes at once</source>
        <translation>Ordner beobachten und Änderungen sofort aufnehmen</translation>
    </message>
    <message>
        <source>Include hidden files and folders</source>
        <translation>Versteckte Dateien und Ordner einbeziehen</translation>
    </message>
    <message>
        <source>Apply</source>
        <translation>Anwenden</translation>
    </message>
    <message>
        <source>Leave out what matches these patterns, one a line, as in .gitignore. An .audioclipignore file in a folder counts as well.</source>
        <translation>Auslassen, worauf diese Muster passen, eines je Zeile, wie in .gitignore. Eine Datei .audioclipignore in einem Ordner gilt ebenfalls.</translation>
    </message>
    <message>
        <source>Patterns of files to leave out</source>
        <translation>Muster auszulassender Dateien</translation>
    </message>
    <message>
        <source>Add a folder</source>
        <translation>Ordner hinzufügen</translation>
    </message>
    <message>
        <source>Where is “{folder}” now?</source>
        <translation>Wo ist „{folder}“ jetzt?</translation>
    </message>
    <message>
        <source>Remove a folder</source>
        <translation>Ordner entfernen</translation>
    </message>
    <message>
        <source>Remove “{folder}” from the library?</source>
        <translation>„{folder}“ aus der Bibliothek entfernen?</translation>
    </message>
    <message>
        <source>Its {files} are not deleted from the disk, but their tags and ratings are forgotten.</source>
        <translation>Auf der Platte wird nichts gelöscht ({files}), aber Schlagwörter und Bewertungen werden vergessen.</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Entfernen</translation>
    </message>
    <message>
        <source>{files}, not connected</source>
        <translation>{files}, nicht verbunden</translation>
    </message>
</context>
<context>
    <name>IndexingCard</name>
    <message>
        <source>Indexing</source>
        <translation>Aufnahme</translation>
    </message>
    <message>
        <source>Progress of indexing</source>
        <translation>Fortschritt der Aufnahme</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Pause</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>Fortsetzen</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Anhalten</translation>
    </message>
    <message>
        <source>Look for changes now</source>
        <translation>Jetzt abgleichen</translation>
    </message>
    <message>
        <source>{done} of {total}</source>
        <translation>{done} von {total}</translation>
    </message>
    <message>
        <source>Stopping…</source>
        <translation>Hält an…</translation>
    </message>
    <message>
        <source>Paused</source>
        <translation>Pausiert</translation>
    </message>
    <message>
        <source>Starting…</source>
        <translation>Beginnt…</translation>
    </message>
    <message>
        <source>Up to date, watching</source>
        <translation>Aktuell, wird beobachtet</translation>
    </message>
    <message>
        <source>Up to date</source>
        <translation>Aktuell</translation>
    </message>
    <message>
        <source>Stopped before the end</source>
        <translation>Vor dem Ende angehalten</translation>
    </message>
    <message>
        <source>Not watching</source>
        <translation>Wird nicht beobachtet</translation>
    </message>
    <message>
        <source>Could not be brought up to date</source>
        <translation>Konnte nicht abgeglichen werden</translation>
    </message>
    <message>
        <source>{files} so far</source>
        <translation>bisher {files}</translation>
    </message>
    <message>
        <source>{files} could not be read</source>
        <translation>{files} nicht lesbar</translation>
    </message>
    <message>
        <source>“{folder}” is not connected. Its {files} stay in the library.</source>
        <translation>„{folder}“ ist nicht verbunden. Was darin war ({files}), bleibt in der Bibliothek.</translation>
    </message>
</context>
<context>
    <name>ListeningPage</name>
    <message>
        <source>Listening</source>
        <translation>Wiedergabe</translation>
    </message>
    <message>
        <source>Play on</source>
        <translation>Wiedergabe über</translation>
    </message>
    <message>
        <source>Play a sound as soon as it is selected</source>
        <translation>Klänge abspielen, sobald sie ausgewählt sind</translation>
    </message>
    <message>
        <source>Play sounds of the map under the pointer</source>
        <translation>Klänge der Karte unter dem Zeiger abspielen</translation>
    </message>
    <message>
        <source>The system's choice</source>
        <translation>Wie das System</translation>
    </message>
    <message>
        <source>{device} (not connected)</source>
        <translation>{device} (nicht verbunden)</translation>
    </message>
</context>
<context>
    <name>LogViewer</name>
    <message>
        <source>Log</source>
        <translation>Protokoll</translation>
    </message>
    <message>
        <source>Window</source>
        <translation>Fenster</translation>
    </message>
    <message>
        <source>Engine</source>
        <translation>Motor</translation>
    </message>
    <message>
        <source>Pictures</source>
        <translation>Bilder</translation>
    </message>
    <message>
        <source>Everything</source>
        <translation>Alles</translation>
    </message>
    <message>
        <source>Warnings and errors</source>
        <translation>Warnungen und Fehler</translation>
    </message>
    <message>
        <source>Errors</source>
        <translation>Fehler</translation>
    </message>
    <message>
        <source>Which log</source>
        <translation>Welches Protokoll</translation>
    </message>
    <message>
        <source>What is shown</source>
        <translation>Was gezeigt wird</translation>
    </message>
    <message>
        <source>Follow</source>
        <translation>Mitlaufen</translation>
    </message>
    <message>
        <source>Nothing has been written here.</source>
        <translation>Hier steht noch nichts.</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>Kopieren</translation>
    </message>
    <message>
        <source>Open folder</source>
        <translation>Ordner öffnen</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
</context>
<context>
    <name>ModelCard</name>
    <message>
        <source>Download</source>
        <translation>Herunterladen</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Pause</translation>
    </message>
    <message>
        <source>Use it for all files</source>
        <translation>Für alle Dateien nutzen</translation>
    </message>
    <message>
        <source>Listens to every file again. What is there can be searched meanwhile.</source>
        <translation>Hört jede Datei erneut an. Was da ist, lässt sich solange durchsuchen.</translation>
    </message>
    <message>
        <source>{model} is in use</source>
        <translation>{model} ist in Gebrauch</translation>
    </message>
    <message>
        <source>Looking for models…</source>
        <translation>Sucht nach Modellen…</translation>
    </message>
    <message>
        <source>Small, and good for common sounds. The full AudioCLIP understands more words.</source>
        <translation>Klein, und gut für häufige Klänge. Das volle AudioCLIP versteht mehr Wörter.</translation>
    </message>
    <message>
        <source>The full model: sounds, pictures and any words.</source>
        <translation>Das volle Modell: Klänge, Bilder und beliebige Wörter.</translation>
    </message>
    <message>
        <source>Go on</source>
        <translation>Weiter</translation>
    </message>
    <message>
        <source>Download the full AudioCLIP ({size})</source>
        <translation>Volles AudioCLIP laden ({size})</translation>
    </message>
    <message>
        <source>{done} of {total}</source>
        <translation>{done} von {total}</translation>
    </message>
    <message>
        <source>Connecting…</source>
        <translation>Verbindet…</translation>
    </message>
    <message>
        <source>{size}/s</source>
        <translation>{size}/s</translation>
    </message>
    <message>
        <source>Checking and unpacking…</source>
        <translation>Prüft und entpackt…</translation>
    </message>
    <message>
        <source>Paused. {amount} is here already.</source>
        <translation>Pausiert. {amount} sind schon da.</translation>
    </message>
    <message>
        <source>All files are being listened to again, with the full AudioCLIP.</source>
        <translation>Alle Dateien werden mit dem vollen AudioCLIP erneut angehört.</translation>
    </message>
    <message>
        <source>The starter model</source>
        <translation>Das Startmodell</translation>
    </message>
    <message>
        <source>The full AudioCLIP</source>
        <translation>Das volle AudioCLIP</translation>
    </message>
</context>
<context>
    <name>ModelPage</name>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>Known models</source>
        <translation>Bekannte Modelle</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Zustand</translation>
    </message>
    <message>
        <source>Download</source>
        <translation>Herunterladen</translation>
    </message>
    <message>
        <source>Use for all files…</source>
        <translation>Für alle Dateien nutzen…</translation>
    </message>
    <message>
        <source>Another model listens to every file again. What is there can be searched until it is done. Tags and ratings stay.</source>
        <translation>Ein anderes Modell hört jede Datei erneut an. Bis es fertig ist, lässt sich durchsuchen, was da ist. Schlagwörter und Bewertungen bleiben.</translation>
    </message>
    <message>
        <source>Not here</source>
        <translation>Nicht vorhanden</translation>
    </message>
    <message>
        <source>Can't be used: {problem}</source>
        <translation>Nicht nutzbar: {problem}</translation>
    </message>
    <message>
        <source>Listening to all files again</source>
        <translation>Hört alle Dateien erneut an</translation>
    </message>
    <message>
        <source>In use</source>
        <translation>In Gebrauch</translation>
    </message>
    <message>
        <source>Here</source>
        <translation>Vorhanden</translation>
    </message>
    <message>
        <source>Use another model</source>
        <translation>Anderes Modell nutzen</translation>
    </message>
    <message>
        <source>Have all files listened to again by “{model}”?</source>
        <translation>Alle Dateien erneut von „{model}“ anhören lassen?</translation>
    </message>
    <message>
        <source>That takes as long as the first time. It can be paused, and goes on later.</source>
        <translation>Das dauert so lange wie beim ersten Mal. Es lässt sich pausieren und später fortsetzen.</translation>
    </message>
    <message>
        <source>Listen again</source>
        <translation>Erneut anhören</translation>
    </message>
</context>
<context>
    <name>PerformancePage</name>
    <message>
        <source>Performance</source>
        <translation>Leistung</translation>
    </message>
    <message>
        <source>Automatic</source>
        <translation>Automatisch</translation>
    </message>
    <message>
        <source>Processor (CPU)</source>
        <translation>Prozessor (CPU)</translation>
    </message>
    <message>
        <source>NVIDIA graphics card (CUDA)</source>
        <translation>NVIDIA-Grafikkarte (CUDA)</translation>
    </message>
    <message>
        <source>Apple graphics (MPS)</source>
        <translation>Apple-Grafik (MPS)</translation>
    </message>
    <message>
        <source>Exact (float32)</source>
        <translation>Genau (float32)</translation>
    </message>
    <message>
        <source>Fast (float16)</source>
        <translation>Schnell (float16)</translation>
    </message>
    <message>
        <source>Fast (bfloat16)</source>
        <translation>Schnell (bfloat16)</translation>
    </message>
    <message>
        <source>Clear</source>
        <translation>Leeren</translation>
    </message>
    <message>
        <source>Listen with</source>
        <translation>Anhören mit</translation>
    </message>
    <message>
        <source>What the model runs on.</source>
        <translation>Worauf das Modell läuft.</translation>
    </message>
    <message>
        <source>Precision</source>
        <translation>Genauigkeit</translation>
    </message>
    <message>
        <source>Threads</source>
        <translation>Threads</translation>
    </message>
    <message>
        <source>How many files are read at a time.</source>
        <translation>Wie viele Dateien gleichzeitig gelesen werden.</translation>
    </message>
    <message>
        <source>Memory for searching</source>
        <translation>Speicher zum Suchen</translation>
    </message>
    <message>
        <source>A library that needs more is searched on the disk: nearly as exact, and slower at first.</source>
        <translation>Eine Bibliothek, die mehr braucht, wird auf der Platte durchsucht: fast so genau, und anfangs langsamer.</translation>
    </message>
    <message>
        <source>Size of the cache</source>
        <translation>Größe des Zwischenspeichers</translation>
    </message>
    <message>
        <source>Cache</source>
        <translation>Zwischenspeicher</translation>
    </message>
    <message>
        <source>Waveforms and small pictures, kept on the disk so that they appear at once.</source>
        <translation>Wellenformen und kleine Bilder, auf der Platte, damit sie sofort erscheinen.</translation>
    </message>
    <message>
        <source>Apply now</source>
        <translation>Jetzt anwenden</translation>
    </message>
    <message>
        <source>What you changed counts when the library is opened again.</source>
        <translation>Was Sie geändert haben, gilt, sobald die Bibliothek neu geöffnet wird.</translation>
    </message>
</context>
<context>
    <name>PreferencesDialog</name>
    <message>
        <source>Preferences</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>Topics</source>
        <translation>Themen</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
</context>
<context>
    <name>ShortcutsSheet</name>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>Tastenkürzel</translation>
    </message>
    <message>
        <source>Look up</source>
        <translation>Nachschlagen</translation>
    </message>
    <message>
        <source>Look up a shortcut</source>
        <translation>Tastenkürzel nachschlagen</translation>
    </message>
    <message>
        <source>No shortcut is called that.</source>
        <translation>Kein Tastenkürzel heißt so.</translation>
    </message>
</context>
<context>
    <name>Sidebar</name>
    <message>
        <source>Places</source>
        <translation>Orte</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Entfernen</translation>
    </message>
</context>
<context>
    <name>Summary</name>
    <message>
        <source>List</source>
        <translation>Liste</translation>
    </message>
    <message>
        <source>Grid</source>
        <translation>Raster</translation>
    </message>
    <message>
        <source>Map</source>
        <translation>Karte</translation>
    </message>
    <message>
        <source>Duplicates</source>
        <translation>Duplikate</translation>
    </message>
</context>
<context>
    <name>Tray</name>
    <message>
        <source>Show the window</source>
        <translation>Fenster zeigen</translation>
    </message>
    <message>
        <source>Pause indexing</source>
        <translation>Aufnahme pausieren</translation>
    </message>
    <message>
        <source>Resume indexing</source>
        <translation>Aufnahme fortsetzen</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Beenden</translation>
    </message>
    <message>
        <source>{stage}, {done} of {total}</source>
        <translation>{stage}, {done} von {total}</translation>
    </message>
    <message>
        <source>Indexing is paused</source>
        <translation>Die Aufnahme ist pausiert</translation>
    </message>
</context>
<context>
    <name>Welcome</name>
    <message>
        <source>Drop folders here</source>
        <translation>Ordner hierher ziehen</translation>
    </message>
    <message>
        <source>Choose folders…</source>
        <translation>Ordner wählen…</translation>
    </message>
    <message>
        <source>Start listening</source>
        <translation>Anhören beginnen</translation>
    </message>
    <message>
        <source>Find the sound you mean</source>
        <translation>Finden Sie den Klang, den Sie meinen</translation>
    </message>
    <message>
        <source>Choose where your sounds are. Each is listened to once; then you find it by describing it, by a picture, or by another sound.</source>
        <translation>Wählen Sie, wo Ihre Klänge sind. Jeder wird einmal angehört; dann finden Sie ihn, indem Sie ihn beschreiben, mit einem Bild oder einem anderen Klang.</translation>
    </message>
    <message>
        <source>Everything stays on this computer. Nothing is uploaded or changed.</source>
        <translation>Alles bleibt auf diesem Rechner. Nichts wird hochgeladen oder verändert.</translation>
    </message>
    <message>
        <source>Choose a folder with sounds</source>
        <translation>Ordner mit Klängen wählen</translation>
    </message>
    <message>
        <source>Preparing…</source>
        <translation>Bereitet vor…</translation>
    </message>
    <message>
        <source>Perhaps here:</source>
        <translation>Vielleicht hier:</translation>
    </message>
    <message>
        <source>Add {folder}</source>
        <translation>{folder} hinzufügen</translation>
    </message>
    <message>
        <source>Leave out {folder}</source>
        <translation>{folder} auslassen</translation>
    </message>
    <message>
        <source>Leave out</source>
        <translation>Auslassen</translation>
    </message>
</context>
<context>
    <name>Wording</name>
    <message>
        <source>1 file</source>
        <translation>1 Datei</translation>
    </message>
    <message>
        <source>{count} files</source>
        <translation>{count} Dateien</translation>
    </message>
    <message>
        <source>{size} KB</source>
        <translation>{size} KB</translation>
    </message>
    <message>
        <source>{size} MB</source>
        <translation>{size} MB</translation>
    </message>
    <message>
        <source>{size} GB</source>
        <translation>{size} GB</translation>
    </message>
    <message>
        <source>{number} files/s</source>
        <translation>{number} Dateien/s</translation>
    </message>
    <message>
        <source>a few seconds left</source>
        <translation>noch ein paar Sekunden</translation>
    </message>
    <message>
        <source>{number} s left</source>
        <translation>noch {number} s</translation>
    </message>
    <message>
        <source>{number} min left</source>
        <translation>noch {number} min</translation>
    </message>
    <message>
        <source>{number} h left</source>
        <translation>noch {number} h</translation>
    </message>
    <message>
        <source>Waiting for another program</source>
        <translation>Wartet auf ein anderes Programm</translation>
    </message>
    <message>
        <source>Looking for files</source>
        <translation>Sucht Dateien</translation>
    </message>
    <message>
        <source>Listening</source>
        <translation>Hört an</translation>
    </message>
    <message>
        <source>Forgetting what is gone</source>
        <translation>Vergisst, was fehlt</translation>
    </message>
    <message>
        <source>Reading descriptions</source>
        <translation>Liest Beschreibungen</translation>
    </message>
    <message>
        <source>Building the search index</source>
        <translation>Baut den Suchindex</translation>
    </message>
    <message>
        <source>Taking fingerprints</source>
        <translation>Nimmt Fingerabdrücke</translation>
    </message>
    <message>
        <source>Comparing</source>
        <translation>Vergleicht</translation>
    </message>
    <message>
        <source>Up to date</source>
        <translation>Aktuell</translation>
    </message>
</context>
<context>
    <name>_DropZone</name>
    <message>
        <source>or</source>
        <translation>oder</translation>
    </message>
</context>
</TS>
